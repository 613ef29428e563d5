raise SystemExit("not there")
