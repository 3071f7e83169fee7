//! Very many connections.
