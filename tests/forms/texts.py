"""What stands between the lines of an answer: comments in Chinese, code of yesterday, tabs."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from tests.forms.draft import Draft
from tests.forms.form import Stage, form

CHINESE = (
    "# 第一步：搭建网络结构", "# 这里要注意输入的形状（高, 宽, 通道）", "# 全连接层，激活函数用 ReLU", "# 防止过拟合",
    "# TODO：学习率以后再调", "# 输出层 —— 每一类一个概率", "# 老师说这里不能改",
)  # fmt: skip
SCRAPS = (
    "# model.add(Dense(64))   # old one, dosnt work", "# why is this neccessary??", "# x = LeakyReLU(0.1)(x)",
    "#    model.compile('sgd', 'mse')  <- bad acuracy", "# print(model.output_shape)", "#!!! dont tuch",
)  # fmt: skip
YESTERDAY = '''"""
def build_model():
    # first try, 43 %
    model = Sequential()
    model.add(Dense(10))
    return model
"""
# %timeit build_model()
#model = build_model()
'''


def _sprinkled(text: str, lines: tuple[str, ...], random: Random, share: float) -> str:
    """With a comment above some lines, as far in as these; the code has no text of several lines."""
    if '"""' in text or "'''" in text:
        head, _, text = text.rpartition('"""')
        return f'{head}"""{_sprinkled(text, lines, random, share)}'
    out = []
    for line in text.splitlines():
        if line.strip() and random.random() < share:
            out.append(re.match(r"\s*", line)[0] + random.choice(lines))
        out.append(line)
    return "\n".join(out)


@form(Stage.TEXT, "comments, prints and names in Chinese")
def chinese(draft: Draft, random: Random) -> Draft:
    before = "# 作业：神经网络\n批次大小 = 32\n轮数 = 2\nprint('开始', 批次大小, 轮数)"
    behind = f'print("模型建好了：", {draft.net}.name)'
    answer = _sprinkled(draft.answer, CHINESE, random, 0.6)
    return replace(draft, answer=answer, before=(*draft.before, before), behind=(behind, *draft.behind))


@form(Stage.TEXT, "code that was commented out, typos, an older try in a string")
def scraps(draft: Draft, random: Random) -> Draft:
    return replace(draft, answer=YESTERDAY + _sprinkled(draft.answer, SCRAPS, random, 0.4))


@form(Stage.TEXT, "tabs, spaces behind lines, form feeds")
def tabs(draft: Draft, random: Random) -> Draft:
    lines = []
    for line in draft.answer.splitlines():
        inside = len(line) - len(line.lstrip(" "))
        ending = random.choice(["", " ", "\t", "    "])
        lines.append("\t" * (inside // 4) + " " * (inside % 4) + line.lstrip(" ") + ending)
    return replace(draft, answer="\n".join(lines))
