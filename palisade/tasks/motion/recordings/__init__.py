"""Reading traces from CSV files, one row a trace."""
