"""A certificate authority of the sandbox's own, for clients that insist on https."""

from dataclasses import dataclass
from pathlib import Path

import trustme

NAMES = ("localhost", "127.0.0.1", "*.localhost", "*.myshopify.com", "*.my.salesforce.com")


@dataclass(frozen=True)
class TlsFiles:
    """Paths of PEM files: what clients verify with, and what the server shows."""

    ca_file: Path
    certificate: Path
    key: Path


def make_tls_files(folder: Path) -> TlsFiles:
    """Make a fresh authority and one server certificate in a folder that only this user can read."""
    authority = trustme.CA()
    server = authority.issue_cert(*NAMES)
    files = TlsFiles(folder / "ca.pem", folder / "server.pem", folder / "server_key.pem")
    authority.cert_pem.write_to_path(str(files.ca_file))
    files.certificate.write_bytes(b"".join(blob.bytes() for blob in server.cert_chain_pems))
    server.private_key_pem.write_to_path(str(files.key))
    return files
