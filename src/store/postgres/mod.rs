//! Owned by the store helper.
//! Never lets a row out.
