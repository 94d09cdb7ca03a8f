-- The name is quoted because SQLite quotes it when a later migration rebuilds the table: so a rollback of that
-- migration leaves the very same text in `sqlite_schema`.
CREATE TABLE "customers" (
    id         INTEGER PRIMARY KEY,
    email      TEXT NOT NULL UNIQUE CHECK (email LIKE '%_@_%'),
    full_name  TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
