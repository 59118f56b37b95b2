"""The width of labels as the server measures them, beside Chromium: 200 in the page's own fonts, 46 in none of them."""

import itertools
from collections.abc import Callable

from canvases.elements.text import EXCALIFONT, NUNITO, text_width
from tests.pages import CanvasPage

SIZE = 20
FAMILIES = {EXCALIFONT: "Excalifont, Xiaolai", NUNITO: "Nunito"}
STARTS = [
    "Sign up", "Order", "Über Größe", "Façade naïve", "Zażółć gęślą", "Příliš žluťoučký", "Проверка", "İstanbul ılık",
]  # fmt: skip
ENDS = [
    "now", "(paid) & shipped", "1,234.50 €", "“quoted”?", "e-mail / SMS", "AVATAR To WAVE", "iiillljjj", "MMMWWW",
    "x – y: 100%", "f(x) = 2^n", "Wi-Fi 6 @ home",
]  # fmt: skip
LATIN = [" ".join(pair) for pair in itertools.product(STARTS, ENDS)]
CJK = [
    "注文", "注文を確認する", "支付成功", "发货通知单", "订单 42 已付款", "ようこそ", "カート", "結帳 完成",
    "安全な支払い方法", "図書館",
    "登录", "用户注册流程", "等待审核", "数据库备份", "退货与退款", "会議の予定", "在庫を調べる",
    "メールを送る", "東京 2026年", "はい", "いいえ", "質問はありますか", "終了", "開始",
]  # fmt: skip
# None of the page's fonts has these: what is drawn depends on the reader's machine, so here only clipping counts.
FOREIGN = [
    "Ship it 🚀", "🎉 Done", "👩‍👩‍👧 Family", "⭐⭐⭐", "✅ ok", "🇩🇪 flag", "1️⃣ first", "❤️ love", "☕ break", "🔒 safe",
    "שלום עולם", "הזמנה 42", "תשלום התקבל", "مرحبا بالعالم", "تم الدفع", "طلب 42", "سلة التسوق",
    "नमस्ते", "สวัสดี", "გამარჯობა",
    "ሰላም", "Հայաստան", "한국어 주문", "결제 완료",
]  # fmt: skip
LABELS = [
    *((label, font) for label in LATIN for font in FAMILIES),
    *((label, EXCALIFONT) for label in CJK),
    *((label, EXCALIFONT) for label in FOREIGN),
    *((label, NUNITO) for label in FOREIGN[:22]),
]
MEASURE = """async ([labels, families, size]) => {
    await Promise.all(labels.map(([text, font]) => document.fonts.load(`${size}px ${families[font]}`, text)));
    const context = document.createElement('canvas').getContext('2d');
    return labels.map(([text, font]) => {
        context.font = `${size}px ${families[font]}, sans-serif`;
        return context.measureText(text).width;
    });
}"""


def test_two_hundred_labels_are_as_wide_as_in_the_browser(open_canvas: Callable[..., CanvasPage]) -> None:
    page = open_canvas("ada").page
    families = {str(font): family for font, family in FAMILIES.items()}
    measured: list[float] = page.evaluate(MEASURE, [LABELS, families, SIZE])
    pairs = [
        (label, text_width(label, font, SIZE), width)
        for (label, font), width in zip(LABELS, measured, strict=True)
    ]
    known = [pair for pair in pairs if pair[0] not in FOREIGN]
    assert (len(known), len(pairs)) == (200, 246)
    wrong = [(label, ours, theirs) for label, ours, theirs in known if abs(ours / theirs - 1) > 0.02]
    assert wrong == []
    # Too narrow would clip, and break lines that the browser does not break; a box keeps 5 pixels around its label.
    assert [pair for pair in pairs if pair[1] < pair[2] - 1] == []
