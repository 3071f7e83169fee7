//! What crosses a border between services: events, commands, facts and ids.
