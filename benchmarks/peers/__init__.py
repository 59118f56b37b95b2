"""Other job systems, measured in the same way; their files run in environments of their own, without our code."""
