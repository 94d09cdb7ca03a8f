CREATE TABLE categories (
    id        INTEGER PRIMARY KEY,
    parent_id INTEGER REFERENCES categories (id) ON DELETE RESTRICT,
    slug      TEXT NOT NULL UNIQUE,
    name      TEXT NOT NULL
);

CREATE TABLE product_categories (
    product_id  INTEGER NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    category_id INTEGER NOT NULL REFERENCES categories (id) ON DELETE RESTRICT,
    PRIMARY KEY (product_id, category_id)
) WITHOUT ROWID;

-- The primary key answers "the categories of a product"; this one "the products of a category".
CREATE INDEX product_categories_category ON product_categories (category_id);
