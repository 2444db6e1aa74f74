"""Every fault against the real thing: line, lane and database together, with the product's own figures."""
