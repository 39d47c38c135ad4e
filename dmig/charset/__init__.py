"""Character sets of hosts: tables, decoders and encoders on byte matrices. The only files read are the package's own tables."""
