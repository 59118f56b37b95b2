"""The product's addresses, and the one that does the work inside the request."""

from django.urls import path

from benchmarks.load_work import draw_in_the_request
from collabcanvas.urls import urlpatterns as product

urlpatterns = [path("synchronous/create-canvas", draw_in_the_request), *product]
