kept = []
for _ in range(150):
    kept.append(bytearray(10_000_000))
