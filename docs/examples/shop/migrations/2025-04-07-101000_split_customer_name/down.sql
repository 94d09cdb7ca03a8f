-- `full_name` is still what the shop reads and writes, so nothing has to be brought back.
ALTER TABLE customers DROP COLUMN last_name;
ALTER TABLE customers DROP COLUMN first_name;
