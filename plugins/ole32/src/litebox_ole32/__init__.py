"""OLE32, OLEAUT32 and RPCRT4 for litebox."""
