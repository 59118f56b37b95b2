import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvases.elements.text import EXCALIFONT, NUNITO, line_height, text_width, wrap, wrap_evenly

# Widths that Chromium's canvas measures with Excalidraw's own font files at 20 px.
MEASURED = [
    ("Sign up", EXCALIFONT, 68.6),
    ("Verify e-mail", EXCALIFONT, 117.2),
    ("Welcome", EXCALIFONT, 76.4),
    ("Is the e-mail verified?", EXCALIFONT, 213.8),
    ("AVATAR To Ty WAVE", EXCALIFONT, 209.2),
    ("0123456789", EXCALIFONT, 121.3),
    ("Über Größe café", EXCALIFONT, 160.5),
    ("Tom & Jerry", EXCALIFONT, 120.2),
    ("Order placed (paid)", EXCALIFONT, 186.4),
    ("Привет мир", EXCALIFONT, 104.7),
    ("iiiiillll", EXCALIFONT, 42.4),
    ("MMMMWWWW", EXCALIFONT, 124.2),
    ("naïve façade — “quoted”", EXCALIFONT, 240.2),
    ("[Start] → [End]", EXCALIFONT, 166.4),
    ("Sign up", NUNITO, 68.6),
    ("Verify e-mail", NUNITO, 115.7),
    ("Welcome", NUNITO, 85.7),
    ("Is the e-mail verified?", NUNITO, 193.8),
    ("AVATAR To Ty WAVE", NUNITO, 196.7),
    ("0123456789", NUNITO, 120.0),
    ("Über Größe café", NUNITO, 148.0),
    ("Tom & Jerry", NUNITO, 106.3),
    ("Order placed (paid)", NUNITO, 174.6),
    ("Привет мир", NUNITO, 112.1),
    ("iiiiillll", NUNITO, 47.8),
    ("MMMMWWWW", NUNITO, 157.0),
    ("naïve façade — “quoted”", NUNITO, 222.5),
    ("[Start] → [End]", NUNITO, 138.0),
]


@pytest.mark.parametrize(("text", "font", "width"), MEASURED)
def test_widths_are_those_of_the_browser_or_a_little_more(text, font, width):
    assert width - 0.5 <= text_width(text, font, 20) <= width * 1.04 + 1


@given(st.text(max_size=80), st.sampled_from([EXCALIFONT, NUNITO]), st.integers(60, 300))
def test_no_line_is_wider_than_the_room(text, font, room):
    wrapped = wrap(text, font=font, size=18, max_width=room)
    for line in wrapped.text.split("\n"):
        assert len(line) <= 1 or text_width(line, font, 18) <= room + 0.01
    assert wrapped.height == pytest.approx(len(wrapped.text.split("\n")) * 18 * line_height(font))


@given(st.text(alphabet="abc deé中😀-", max_size=60), st.integers(80, 300))
def test_wrapping_loses_no_character_but_spaces(text, room):
    for wrapper in (wrap, wrap_evenly):
        wrapped = wrapper(text, font=NUNITO, size=18, max_width=room)
        assert wrapped.text.replace("\n", "").replace(" ", "") == text.replace(" ", "")


def test_words_stay_whole_where_they_fit():
    wrapped = wrap("Verify the e-mail address", font=NUNITO, size=18, max_width=120)
    assert set(wrapped.text.replace("\n", " ").split()) == {"Verify", "the", "e-mail", "address"}


def test_even_wrapping_leaves_no_lonely_word():
    wrapped = wrap_evenly("one two three four five six seven", font=NUNITO, size=18, max_width=260)
    lines = wrapped.text.split("\n")
    assert len(lines) == 2
    assert len(lines[1].split()) > 1


def test_wide_scripts_count_a_full_em():
    assert text_width("中文", NUNITO, 20) >= 40
    assert text_width("😀", NUNITO, 20) >= 25
