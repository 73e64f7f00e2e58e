"""Mail: mailboxes, letters, Outlook messages; threads, own words, direction."""
