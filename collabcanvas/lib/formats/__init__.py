"""How times are written on the operators' pages, by language; Django finds this through FORMAT_MODULE_PATH."""
