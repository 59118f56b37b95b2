"""What language models cost."""

from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from ai_jobs.models import TokenUse
from collabcanvas.lib.admin import LimitedPaginator, ReadOnly


@admin.register(TokenUse)
class TokenUseAdmin(ReadOnly):
    """What each person used of language models on each day."""

    icon = "toll"
    list_display = ["day", "user", "requests", "input_tokens", "output_tokens", "cost_usd"]
    list_display_links = None
    list_filter = ["day", ("user", AutocompleteSelectFilter)]
    list_filter_submit = True
    list_select_related = ["user"]
    search_fields = ["=user__username"]
    search_help_text = "A user name"
    ordering = ["-day", "user"]
    show_full_result_count = False
    paginator = LimitedPaginator
