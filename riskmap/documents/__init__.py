"""Printed documents (文书): what they say, the maps in them, and how they become PDF or HTML."""
