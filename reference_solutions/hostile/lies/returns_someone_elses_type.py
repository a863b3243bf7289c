async def build_model():
    yield [1]
