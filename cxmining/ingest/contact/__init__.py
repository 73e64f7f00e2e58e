"""Phone, chat and service desk: contacts of contact centres, calls of exchanges, conversations."""
