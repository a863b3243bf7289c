bytearray(10**11)
