"""Which rater wrote on which sheet, sealed: the database alone does not tell.

A sheet's key is 16 random bytes, so one block of AES is a permutation of it and needs no padding, nonce or mode:
equal blocks never meet. The cipher's key comes from the settings' secret and is never stored.
"""

import uuid
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

BLOCK = 16


def ciphers() -> list[Cipher[modes.ECB]]:
    """Return the cipher of the current secret, then those of earlier ones (SECRET_KEY_FALLBACKS)."""
    return [_cipher(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _cipher(secret: str) -> Cipher[modes.ECB]:
    key = HKDF(SHA256(), 32, salt=None, info=b"perfmgmt.reviews.author").derive(secret.encode())
    return Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - one block of random bytes each, see above


def seal(key: uuid.UUID) -> bytes:
    """Return a sheet's key, sealed under the current secret."""
    box = ciphers()[0].encryptor()
    return box.update(key.bytes) + box.finalize()


def opened(sealed: Sequence[bytes], cipher: Cipher[modes.ECB]) -> list[uuid.UUID]:
    """Return the keys of many seals under one cipher; under a wrong one they are keys of no sheet."""
    plain = opened_bytes(sealed, cipher)
    return [uuid.UUID(bytes=plain[at : at + BLOCK]) for at in range(0, len(plain), BLOCK)]


def opened_bytes(sealed: Sequence[bytes], cipher: Cipher[modes.ECB]) -> bytes:
    """Return the same one after the other, 16 bytes each."""
    box = cipher.decryptor()
    return box.update(b"".join(bytes(one) for one in sealed)) + box.finalize()
