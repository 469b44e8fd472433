//! Functions as whole files give them.
