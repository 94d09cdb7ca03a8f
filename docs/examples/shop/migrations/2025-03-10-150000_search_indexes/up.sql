-- The packing list: few of all orders are open, and only those are in the index.
CREATE INDEX orders_open ON orders (placed_at) WHERE status IN ('new', 'paid');

-- Nobody gets a second account by writing the address in capitals.
CREATE UNIQUE INDEX customers_email_any_case ON customers (lower(email));

CREATE INDEX products_name_on_sale ON products (name COLLATE NOCASE) WHERE active = 1;
