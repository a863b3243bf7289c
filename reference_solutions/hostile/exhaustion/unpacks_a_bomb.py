import zlib

kept = zlib.decompress(zlib.compress(bytes(1 << 28)) * 1)
kept = [zlib.decompress(zlib.compress(bytes(1 << 26))) for _ in range(25)]
