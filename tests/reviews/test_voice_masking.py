"""What is masked in customers' words, in both languages, and that no text takes long."""

from time import process_time

import pytest

from reviews.voice.masking import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我的电话13800138000请回", "我的电话***请回"), ("电话是138-0013-8000", "电话是***"),
        ("打１３８００１３８０００", "打***"), ("138 - 0013 - 8000", "***"), ("(021) 6234 5678", "***"),
        ("身份证11010119900307888X好", "身份证***好"), ("邮箱kim@globex.com谢谢", "邮箱***谢谢"),
        ("kim＠globex.com", "***"), ("微信abc12345谢谢", "微信***谢谢"), ("wx: abc12345", "wx: ***"),
        ("找Kim聊", "找***聊"), ("Kimono", "Kimono"), ("订单SO20250101", "订单SO20250101"),
    ],
)  # fmt: skip
def test_numbers_addresses_and_names_are_masked_also_right_after_chinese(text: str, shown: str) -> None:
    assert masked(text, ["Kim Lee"]) == shown


@pytest.mark.parametrize(
    "text",
    ["a" * 10_000, "a." * 5000, "qq" + " " * 9998, "微信 " * 3333, "a@" * 5000, "a@a." * 2500, "+(" * 5000,
     "1 " * 5000, "wechat id" * 1000, "1" * 10_000],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    start = process_time()
    masked(text, ["Kim Lee", "王小明"])
    assert process_time() - start < 0.5
