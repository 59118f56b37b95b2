import asyncio
import os

from notes import note
from procrastinate import App, PsycopgConnector

app = App(
    connector=PsycopgConnector(
        conninfo=f"host={os.environ['PEER_HOST']} port=5432 user=postgres dbname={os.environ['PEER_DATABASE']}"
    )
)


@app.task(name="work")
async def work(seconds):
    note("begin")
    if seconds:
        await asyncio.sleep(seconds)
    note("end")
