"""The web process's database: PostgreSQL through a pool of connections."""
