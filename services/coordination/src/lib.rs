//! Units, routing, care contact and lead officer.
