"""The core of litebox: PE loader, engine, dispatch, plugin framework and command line."""
