#!/usr/bin/env python3
"""Checks a ledger without any of the ledger's own code.

    verify.py FOLDER VERIFIER-KEY [--proofs FILE] [--openssl]

FOLDER is a tiled log (C2SP tlog-tiles): `checkpoint`, `tile/L/N`, `tile/entries/N`. VERIFIER-KEY is the log's name and
key as NAME+ID+KEY (C2SP signed-note). Checked are the checkpoint's signature, that the entries have its root, and that
every tile is what the entries make it.

FILE is JSON: {"inclusion": [{"index": 5, "proof": [BASE64]}], "consistency": [{"checkpoint": TEXT, "proof": [BASE64]}]}.
Each inclusion proof must lead from its entry, each consistency proof from its older signed checkpoint, to the folder's
checkpoint; and the older checkpoint must be the root of as many of the entries.

Ends with 0 when all is well, 1 with the reason when it is not, and 77 when nothing here can check a signature: that takes
the Python package `cryptography` or the `openssl` command (--openssl insists on the latter).
"""

import argparse
import base64
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

TILE_WIDTH = 256


class Bad(Exception):
    """The log is not what it claims to be."""


def main():
    parser = argparse.ArgumentParser(description="Check a tiled log.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("key")
    parser.add_argument("--proofs", type=pathlib.Path)
    parser.add_argument("--openssl", action="store_true")
    options = parser.parse_args()
    check_signature = signature_checker(options.openssl)
    if check_signature is None:
        print("neither the package 'cryptography' nor a recent 'openssl' is here to check signatures", file=sys.stderr)
        return 77
    try:
        key = read_key(options.key)
        note = read(options.folder / "checkpoint").decode()
        size, root = read_checkpoint(note, key, check_signature)
        entries = read_entries(options.folder, size)
        leaves = [leaf_hash(entry) for entry in entries]
        if tree_root(leaves) != root:
            raise Bad("the entries do not have the checkpoint's root")
        tiles = check_tiles(options.folder, leaves)
        print(f"checkpoint: {size} entries, root {base64.b64encode(root).decode()}, signature good")
        print(f"entries: {len(entries)}, root good; tiles: {tiles}, all good")
        if options.proofs:
            proofs = json.loads(read(options.proofs))
            for item in proofs["inclusion"]:
                check_inclusion(entries, item["index"], size, hashes(item["proof"]), root)
                print(f"inclusion: entry {item['index']} is in the tree")
            for item in proofs["consistency"]:
                old_size, old_root = read_checkpoint(item["checkpoint"], key, check_signature)
                check_consistency(old_size, old_root, size, root, hashes(item["proof"]))
                if tree_root(leaves[:old_size]) != old_root:
                    raise Bad(f"the first {old_size} entries do not have the older checkpoint's root")
                print(f"consistency: the tree begins with the older one of {old_size} entries")
    except (Bad, OSError, ValueError, KeyError, IndexError) as error:
        print(f"NOT GOOD: {error}", file=sys.stderr)
        return 1
    return 0


# Notes and checkpoints


def read_key(text):
    """The name, id and public key of NAME+ID+KEY."""
    name, key_id, key = text.split("+", 2)
    key = decode(key)
    if len(key) != 33 or key[0] != 1:
        raise Bad("the verifier key is not an Ed25519 key")
    expected = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    if key_id != expected.hex():
        raise Bad("the verifier key's id is not that of its name and key")
    return name, expected, key[1:]


def read_checkpoint(note, key, check_signature):
    """The size and root of a signed checkpoint."""
    name, key_id, public = key
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise Bad("the checkpoint is not a signed note")
    text += "\n"
    good = 0
    for line in signatures[:-1].split("\n"):
        dash, signer, signature = line.split(" ")
        signature = decode(signature)
        if dash != "\u2014":
            raise Bad("a signature line does not begin with a dash")
        if signer == name and signature[:4] == key_id:
            if not check_signature(public, signature[4:], text.encode()):
                raise Bad("the checkpoint's signature is bad")
            good += 1
    if good == 0:
        raise Bad("the checkpoint is not signed with this key")
    origin, size, root = text.split("\n")[:3]
    if origin != name:
        raise Bad("the checkpoint is that of another log")
    if str(int(size)) != size or int(size) < 0:
        raise Bad("the checkpoint's size is not written plainly")
    return int(size), decode(root)


def signature_checker(insist_on_openssl):
    """A function of public key, signature and message, or None."""
    if not insist_on_openssl:
        try:
            from cryptography.exceptions import InvalidSignature
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        except ImportError:
            pass
        else:

            def by_package(public, signature, message):
                try:
                    Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
                except InvalidSignature:
                    return False
                return True

            return by_package
    if shutil.which("openssl"):
        return by_openssl
    return None


def by_openssl(public, signature, message):
    # An Ed25519 public key in DER is always these twelve bytes and the key.
    der = bytes.fromhex("302a300506032b6570032100") + public
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "key").write_bytes(der)
        (folder / "signature").write_bytes(signature)
        (folder / "message").write_bytes(message)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin"]
        command += ["-inkey", folder / "key", "-sigfile", folder / "signature", "-in", folder / "message"]
        return subprocess.run(command, capture_output=True).returncode == 0


# Tiles


def read_entries(folder, size):
    entries = []
    for n, width in widths(size):
        bundle = read(folder / path("entries", n, width))
        before = len(entries)
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            if len(bundle) < 2 + length:
                raise Bad(f"bundle {n} ends within an entry")
            entries.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
        if len(entries) - before != width:
            raise Bad(f"bundle {n} has {len(entries) - before} entries instead of {width}")
    return entries


def check_tiles(folder, leaves):
    """Compares every tile with what the entries make it; returns how many there are."""
    level, level_hashes, count = 0, leaves, 0
    while level_hashes:
        for n, width in widths(len(level_hashes)):
            expected = b"".join(level_hashes[n * TILE_WIDTH :][:width])
            if read(folder / path(level, n, width)) != expected:
                raise Bad(f"tile {n} of level {level} is not that of the entries")
            count += 1
        full = len(level_hashes) // TILE_WIDTH
        level_hashes = [tree_root(level_hashes[n * TILE_WIDTH : (n + 1) * TILE_WIDTH]) for n in range(full)]
        level += 1
    return count


def widths(count):
    return [(n, min(TILE_WIDTH, count - n * TILE_WIDTH)) for n in range((count + TILE_WIDTH - 1) // TILE_WIDTH)]


def path(level, n, width):
    parts = [f"{n % 1000:03}"]
    while n >= 1000:
        n //= 1000
        parts.insert(0, f"x{n % 1000:03}")
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(parts)}{partial}"


# Hashes and proofs (RFC 6962, section 2.1). The proofs are checked by the recursive definition of how they are made, not by
# the loops of RFC 9162 that the ledger's own checks follow, so that the two cannot share a mistake.


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def split(count):
    """The largest power of two smaller than count."""
    return 1 << (count - 1).bit_length() - 1


def tree_root(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = split(len(leaves))
    return node_hash(tree_root(leaves[:middle]), tree_root(leaves[middle:]))


def check_inclusion(entries, index, size, proof, root):
    def climb(index, size, proof):
        if size == 1:
            if proof:
                raise Bad("an inclusion proof is too long")
            return leaf_hash(entry)
        if not proof:
            raise Bad("an inclusion proof is too short")
        middle, sibling = split(size), proof[-1]
        if index < middle:
            return node_hash(climb(index, middle, proof[:-1]), sibling)
        return node_hash(sibling, climb(index - middle, size - middle, proof[:-1]))

    entry = entries[index]
    if climb(index, size, proof) != root:
        raise Bad(f"the inclusion proof of entry {index} leads to another root")


def check_consistency(old_size, old_root, new_size, new_root, proof):
    def climb(old, new, whole, proof):
        """The roots of the first `old` and of all `new` leaves of a subtree."""
        if old == new:
            if whole:
                if proof:
                    raise Bad("a consistency proof is too long")
                return old_root, old_root
            if len(proof) != 1:
                raise Bad("a consistency proof has the wrong length")
            return proof[0], proof[0]
        if not proof:
            raise Bad("a consistency proof is too short")
        middle, sibling = split(new), proof[-1]
        if old <= middle:
            left_old, left_new = climb(old, middle, whole, proof[:-1])
            return left_old, node_hash(left_new, sibling)
        right_old, right_new = climb(old - middle, new - middle, False, proof[:-1])
        return node_hash(sibling, right_old), node_hash(sibling, right_new)

    if old_size > new_size:
        raise Bad("the older checkpoint has more entries")
    if old_size == 0:
        if proof or old_root != tree_root([]):
            raise Bad("the older checkpoint is not that of the empty tree")
        return
    if climb(old_size, new_size, True, proof) != (old_root, new_root):
        raise Bad(f"the consistency proof from {old_size} entries leads to another root")


# Small things


def read(file):
    return pathlib.Path(file).read_bytes()


def decode(text):
    return base64.b64decode(text, validate=True)


def hashes(texts):
    decoded = [decode(text) for text in texts]
    if any(len(one) != 32 for one in decoded):
        raise Bad("a proof holds something that is not a hash")
    return decoded


if __name__ == "__main__":
    sys.exit(main())
