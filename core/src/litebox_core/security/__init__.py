"""Who may do what, as data: SIDs, accounts, privileges, access control lists, security descriptors, and checks."""
