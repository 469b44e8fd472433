-- The steps of an execution that was accepted and had completed in one commit, if they were few; those of others lie in the journal.
ALTER TABLE executions ADD COLUMN steps TEXT;
