"""What becomes of a record: its id, its time, its duplicates, its row in the tables, its line in the ledger."""
