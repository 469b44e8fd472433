ALTER TABLE executions DROP COLUMN steps;
