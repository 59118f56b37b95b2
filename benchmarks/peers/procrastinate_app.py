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


# By itself nothing takes up a killed worker's jobs again; the manual gives this task, with ten minutes for one.
@app.periodic(cron="* * * * *")
@app.task(queueing_lock="stalled", pass_context=True)
async def take_up_stalled_jobs(context, timestamp):
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)
