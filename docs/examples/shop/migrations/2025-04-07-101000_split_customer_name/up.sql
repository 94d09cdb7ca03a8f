ALTER TABLE customers ADD COLUMN first_name TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN last_name TEXT NOT NULL DEFAULT '';

-- The first word, and all that follows it: nothing of a name is lost, and the two joined give the full name again.
UPDATE customers
SET first_name = substr(full_name, 1, instr(full_name || ' ', ' ') - 1),
    last_name  = substr(full_name, instr(full_name || ' ', ' ') + 1);
