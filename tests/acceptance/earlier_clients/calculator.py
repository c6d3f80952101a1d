"""A client as a user of the earlier calculator wrote it, from what that documented.

Nothing here is ours but the parameters: it connects, waits to be welcomed, follows two
channels, asks for a calculation and prints how far it is. Do not adapt it to a server.
"""

import asyncio
import json
import sys

import websockets


class CalculationClient:
    def __init__(self, url):
        self.url = url
        self.log = []

    async def run(self, calculation_type, parameters):
        async with websockets.connect(self.url, proxy=None) as websocket:
            welcome = json.loads(await websocket.recv())
            self.log.append(welcome["type"])
            self.features = welcome["features"]
            for channel in ("market_data", "calculations"):
                await websocket.send(
                    json.dumps({"type": "subscribe", "channel": channel})
                )
            await websocket.send(
                json.dumps(
                    {
                        "type": "calculate",
                        "calculation_id": "calc-1",
                        "calculation_type": calculation_type,
                        "parameters": parameters,
                    }
                )
            )
            result = None
            async for message in websocket:
                data = json.loads(message)
                kind = data["type"]
                self.log.append(kind)
                if kind == "calculation_update":
                    print(f"{data['progress']}% {data['message']}", file=sys.stderr)
                elif kind == "calculation_error":
                    raise RuntimeError(data["error"])
                elif kind == "calculation_complete":
                    if data["calculation_id"] == "calc-1":
                        result = data["result"]
                        await websocket.send(json.dumps({"type": "ping"}))
                elif kind == "pong":
                    return result
        return None


if __name__ == "__main__":
    client = CalculationClient(sys.argv[1])
    answer = asyncio.run(client.run(sys.argv[2], json.loads(sys.argv[3])))
    print(json.dumps({"log": client.log, "result": answer}))
