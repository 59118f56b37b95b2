import time

from notes import serve
from procrastinate_app import app, work

with app.replace_connector(app.connector.get_sync_connector()) as opened, opened.open():

    def submit(count, seconds):
        begun = time.time()
        work.batch_defer(*({"seconds": seconds} for _ in range(count)))
        return begun if count == 1 else time.time()

    serve(submit)
