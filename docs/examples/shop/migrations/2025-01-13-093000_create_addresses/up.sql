CREATE TABLE addresses (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL CHECK (kind IN ('billing', 'shipping')),
    street      TEXT NOT NULL,
    postcode    TEXT NOT NULL,
    city        TEXT NOT NULL,
    country     TEXT NOT NULL CHECK (length(country) = 2), -- ISO 3166-1 alpha-2
    UNIQUE (customer_id, kind, street, postcode)
);

CREATE INDEX addresses_customer ON addresses (customer_id);
