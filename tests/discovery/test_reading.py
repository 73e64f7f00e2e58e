"""Models from files: what we write comes back as it was, what others write is read with the language it has."""

import random
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.discovery import read_model
from cxmining.discovery.blocks import as_tree
from cxmining.discovery.export import net_to_bpmn, to_bpmn, to_pnml, to_ptml
from cxmining.discovery.net import PetriNet, petri_net
from cxmining.discovery.net_machine import NetMachine
from cxmining.discovery.tree import Kind, Tree
from cxmining.errors import InputError

SKIP = Tree(Kind.SKIP)


def step(label):
    return Tree(Kind.STEP, label=label)


def block(kind, *children):
    return Tree(kind, children)


def language(net, longest=4):
    """All runs of up to so many events that end."""
    machine = NetMachine(net, 100_000)
    todo, found = [((), frozenset([machine.initial]))], set()
    for run, states in todo:
        if any(machine.finish(s) for s in states):
            found.add(run)
        if len(run) < longest:
            for label in sorted(machine.labels):
                after = frozenset(x for s in states for x in machine.step(s, label))
                if after:
                    todo.append(((*run, label), after))
    return found


@st.composite
def trees(draw, labels=tuple("abcde"), depth=3):
    """Trees as the miner gives them: flat, branches in the order of their labels, skips last."""
    if len(labels) == 1 or depth == 0:
        a = step(labels[0])
        return draw(st.sampled_from([a, block(Kind.CHOICE, a, SKIP), block(Kind.LOOP, a, SKIP)]))
    cut = draw(st.integers(1, len(labels) - 1))
    left, right = draw(trees(labels=labels[:cut], depth=depth - 1)), draw(trees(labels=labels[cut:], depth=depth - 1))
    kind = draw(st.sampled_from([Kind.SEQUENCE, Kind.CHOICE, Kind.PARALLEL, Kind.LOOP]))
    if kind is Kind.LOOP:
        return block(kind, left, right)
    flat = [c for child in (left, right) for c in (child.children if child.kind is kind else (child,))]
    if kind is Kind.CHOICE:
        skips = draw(st.booleans()) or SKIP in flat
        flat = [c for c in flat if c != SKIP] + [SKIP] * skips
    return block(kind, *flat)


@settings(max_examples=80, deadline=None)
@given(trees())
def test_what_we_write_comes_back_as_it_was(tmp_path_factory, tree):
    folder = tmp_path_factory.mktemp("models")
    net = petri_net(tree)
    for suffix, text in (("bpmn", to_bpmn(tree, "x")), ("pnml", to_pnml(net, "x")), ("ptml", to_ptml(tree, "x"))):
        file = folder / f"m.{suffix}"
        file.write_text(text, encoding="utf-8")
        model = read_model(file)
        assert model.tree == tree, suffix
        assert model.name == "x"
        assert {"bpmn": model.to_bpmn, "pnml": model.to_pnml, "ptml": model.to_ptml}[suffix]() == text
    assert read_model(folder / "m.pnml").net == net


@settings(max_examples=40, deadline=None)
@given(trees())
def test_a_net_drawn_as_bpmn_keeps_its_language(tmp_path_factory, tree):
    net = petri_net(tree)
    file = tmp_path_factory.mktemp("models") / "m.bpmn"
    file.write_text(net_to_bpmn(net, "x"), encoding="utf-8")
    assert language(read_model(file).net) == language(net)


def test_a_net_that_is_no_tree_comes_back_exactly_and_has_none(tmp_path):
    # After a and b side by side, c needs both and d needs only what b gives: no blocks.
    net = PetriNet(
        ("i", "p", "q", "r", "s", "o"),
        (("ta", "a"), ("tb", "b"), ("tc", "c"), ("td", "d"), ("te", None)),
        (("i", "ta"), ("ta", "p"), ("ta", "q"), ("q", "tb"), ("tb", "r"), ("p", "tc"), ("r", "tc"), ("tc", "o"),
         ("p", "td"), ("td", "s"), ("s", "te"), ("r", "te"), ("te", "o")),
        "i", "o",
    )  # fmt: skip
    (tmp_path / "m.pnml").write_text(net.to_pnml("x"), encoding="utf-8")
    model = read_model(tmp_path / "m.pnml")
    assert (model.net, model.tree) == (net, None)
    (tmp_path / "m.bpmn").write_text(model.to_bpmn(), encoding="utf-8")
    assert language(read_model(tmp_path / "m.bpmn").net) == language(net) == {
        ("a", "b", "c"), ("a", "b", "d"), ("a", "d", "b")
    }  # fmt: skip


def _pm4py():
    warnings.simplefilter("ignore")
    import pm4py

    return pm4py


def _as_ours(net, first, last):
    return PetriNet.marked(
        [p.name for p in net.places],
        [(t.name, t.label) for t in net.transitions],
        [(a.source.name, a.target.name) for a in net.arcs],
        {p.name: n for p, n in first.items()},
        {p.name: n for p, n in last.items()},
    )


@pytest.mark.parametrize(
    "text",
    [
        "->('a', X('b', *('c','d'), tau), +('e', ->('b2','c2')))",
        "*(->('a', +('b', X('c', tau))), X('d', tau))",
        "X('a', *(X('b','c'), tau), +('d', *('e', tau)))",
    ],
)
def test_what_pm4py_writes_is_read_with_the_language_of_its_net(text, tmp_path):
    pm4py = _pm4py()
    from pm4py.objects.bpmn.exporter.variants.etree import get_xml_string

    tree = pm4py.parse_process_tree(text)
    net, first, last = pm4py.convert_to_petri_net(tree)
    wanted = language(_as_ours(net, first, last), 5)
    (tmp_path / "m.bpmn").write_bytes(get_xml_string(pm4py.convert_to_bpmn(tree)))
    pm4py.write_pnml(net, first, last, str(tmp_path / "m.pnml"))
    pm4py.write_ptml(tree, str(tmp_path / "m.ptml"))
    for file in sorted(tmp_path.iterdir()):
        model = read_model(file)
        assert language(model.net, 5) == wanted, file.name
        assert model.tree is not None
        assert language(petri_net(model.tree), 5) == wanted


def bpmn(body, prefix="", tag="process"):
    p = f"{prefix}:" if prefix else ""
    text = body.replace("</", f"</{p}").replace("<", f"<{p}").replace(f"<{p}/{p}", f"</{p}").replace("<!", "<!")
    ns = f"xmlns{':' + prefix if prefix else ''}"
    return (
        f'<{p}definitions {ns}="http://www.omg.org/spec/BPMN/20100524/MODEL"><{p}{tag} id="P" name="Intended\njourney">'
        f"{text}</{p}{tag}></{p}definitions>"
    )


def flows(*pairs):
    return "".join(f'<sequenceFlow id="f{i}" sourceRef="{a}" targetRef="{b}"/>' for i, (a, b) in enumerate(pairs))


def read(tmp_path, text):
    file = tmp_path / "m.bpmn"
    file.write_text(text, encoding="utf-8")
    return read_model(file)


ENDS = '<startEvent id="s"/><endEvent id="e"/>'


@pytest.mark.parametrize("prefix", ["", "bpmn2", "bpmn", "semantic"])
def test_prefixes_kinds_of_task_and_broken_labels_do_not_matter(prefix, tmp_path):
    body = (
        ENDS + '<userTask id="a" name="asks about&#10;  invoice"/><serviceTask id="b" name="reply"/>'
        '<intermediateCatchEvent id="c" name="a week later"/>' + flows(("s", "a"), ("a", "c"), ("c", "b"), ("b", "e"))
    )
    model = read(tmp_path, bpmn(body, prefix))
    assert language(model.net) == {("asks about invoice", "reply")}
    assert model.name == "Intended journey"
    assert model.note == "intermediate events are no steps: a week later"


GATES = ENDS + "".join(f'<task id="{x}" name="{x}"/>' for x in "abc") + '<{g}Gateway id="g"/><{g}Gateway id="h"/>'
FORK = flows(("s", "g"), *(("g", x) for x in "abc"), *((x, "h") for x in "abc"), ("h", "e"))


@pytest.mark.parametrize(("gate", "size"), [("exclusive", {1}), ("parallel", {3}), ("inclusive", {1, 2, 3})])
def test_a_gateway_allows_one_branch_all_or_any(gate, size, tmp_path):
    runs = language(read(tmp_path, bpmn(GATES.replace("{g}", gate) + FORK)).net)
    assert {len(run) for run in runs} == size
    assert len(runs) == {"exclusive": 3, "parallel": 6, "inclusive": 3 + 6 + 6}[gate]
    assert all(len(set(run)) == len(run) for run in runs)


def test_an_inclusive_branch_may_be_empty_and_stand_in_a_loop(tmp_path):
    body = (
        ENDS + '<exclusiveGateway id="x"/><exclusiveGateway id="y"/><inclusiveGateway id="g"/><inclusiveGateway id="h"/>'
        '<task id="a" name="a"/>' + flows(("s", "x"), ("x", "g"), ("g", "a"), ("a", "h"), ("g", "h"), ("h", "y"),
                                          ("y", "x"), ("y", "e"))
    )  # fmt: skip
    assert language(read(tmp_path, bpmn(body)).net, 2) == {(), ("a",), ("a", "a")}


def test_ends_that_are_reached_side_by_side_end_together(tmp_path):
    tasks = "".join(f'<task id="{x}" name="{x}"/>' for x in "abc")
    two = ENDS + '<endEvent id="e2"/>' + tasks
    # c comes alone; a gives to b and to an end of its own
    body = two + '<exclusiveGateway id="x"/>' + flows(
        ("s", "x"), ("x", "a"), ("x", "c"), ("a", "b"), ("a", "e2"), ("b", "e"), ("c", "e")
    )  # fmt: skip
    assert language(read(tmp_path, bpmn(body)).net) == {("a", "b"), ("c",)}
    body = two + flows(("s", "a"), ("s", "b"), ("a", "e"), ("b", "e2"), ("s", "c"), ("c", "e"))
    assert len(language(read(tmp_path, bpmn(body)).net)) == 6


def test_two_starts_are_a_choice(tmp_path):
    body = ENDS + '<startEvent id="s2"/><task id="a" name="a"/><task id="b" name="b"/>' + flows(
        ("s", "a"), ("s2", "b"), ("a", "b"), ("b", "e")
    )  # fmt: skip
    assert language(read(tmp_path, bpmn(body)).net) == {("a", "b"), ("b",)}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('<subProcess id="u" name="Handle claim"/>', r"<subProcess> in line 2 'Handle claim' is not supported: a subprocess"),
        ('<boundaryEvent id="u"/>', r"<boundaryEvent> in line 2 is not supported: a boundary event"),
        ('<complexGateway id="u"/>', "complex gateway"),
        ('<task id="u" name="x"><standardLoopCharacteristics/></task>', "repeats itself"),
        ('<task id="u"/>', "has no name"),
        ('<task id="a" name="again"/>', "stands twice"),
        ('<endEvent id="u"><terminateEventDefinition/></endEvent>', "terminates"),
        ('<task id="u" name="x"/>', "nothing leads to <task> in line 2"),
        ('<sequenceFlow id="u" sourceRef="a" targetRef="nowhere"/>', "targetRef 'nowhere', which is no node"),
        ('<inclusiveGateway id="u"/><task id="v" name="v"/>' + flows(("a", "u"), ("u", "e"), ("u", "v")), "no partner"),
        ('<sequenceFlow id="u" sourceRef="a" targetRef="e"><conditionExpression/></sequenceFlow>', "under a condition"),
        ("<choreographyTask/>", "<choreographyTask> in line 2 is not supported"),
    ],
)  # fmt: skip
def test_what_is_not_supported_is_said_by_name_and_line(body, message, tmp_path):
    text = bpmn(ENDS + '<task id="a" name="a"/>' + flows(("s", "a"), ("a", "e")) + body)
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)


def test_message_flows_and_several_pools_are_said(tmp_path):
    one = ENDS + '<task id="a" name="a"/>' + flows(("s", "a"), ("a", "e"))
    text = bpmn(one)
    more = text.replace("</definitions>", '<collaboration><messageFlow name="letter"/></collaboration></definitions>')
    with pytest.raises(InputError, match="<messageFlow> in line 2 'letter' is not supported"):
        read(tmp_path, more)
    second = text.partition("<process")[2].partition("</definitions>")[0].replace("Intended\njourney", "Office")
    with pytest.raises(InputError, match=r"2 processes with steps \('Intended journey', 'Office'\)"):
        read(tmp_path, text.replace("</definitions>", f"<process{second}</definitions>"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no well-formed XML"),
        ("<pnml><net>", "no well-formed XML"),
        ('<!DOCTYPE pnml [<!ENTITY a "b">]><pnml><net/></pnml>', "declares a DTD"),
        ("<a>" * 400 + "</a>" * 400, "no well-formed XML: Excessive depth"),
        ("<xpdl/>", "its root is <xpdl>"),
        ("<pnml/>", "holds 0 nets"),
        ("<pnml><net><place/></net></pnml>", "<place> in line 1 has no id"),
        ('<pnml><net><place id="p"/><arc source="p" target="u"/></net></pnml>', "target 'u', which is no node"),
        ('<pnml><net><place id="p"/><place id="q"/></net></pnml>', "no final marking and has 2 places"),
        ('<pnml><net><place id="p"><initialMarking><text>many</text></initialMarking></place></net></pnml>', "'many'"),
        ('<pnml><net><place id="p"/><arc source="p" target="t"><type value="inhibitor"/></arc></net></pnml>', "type 'inhibitor'"),
        ("<ptml/>", "holds no <processTree>"),
        ('<ptml><processTree root="a"><or id="a"/></processTree></ptml>', "<or> in line 1 is not supported"),
        ('<ptml><processTree root="a"><xor id="a"/><parentsNode sourceId="a" targetId="a"/></processTree></ptml>',
         "has two parents"),
        ('<ptml><processTree root="a"><automaticTask id="a"/></processTree></ptml>', "no step with a name"),
    ],
)  # fmt: skip
def test_a_damaged_or_hostile_file_is_refused_in_one_sentence(text, message, tmp_path):
    (tmp_path / "m.xml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_model(tmp_path / "m.xml")


def test_a_file_that_is_not_there_is_said():
    with pytest.raises(InputError, match=r"none\.bpmn: cannot be read"):
        read_model(Path("none.bpmn"))


def test_a_net_without_blocks_of_random_shape_keeps_its_language_as_tree():
    # Whatever as_tree returns allows what the net allows.
    rng = random.Random(1)
    turned = 0
    for _ in range(150):
        places = [f"p{i}" for i in range(rng.randrange(2, 6))]
        steps = [(f"t{i}", rng.choice(["a", "b", "c", None])) for i in range(rng.randrange(1, 6))]
        arcs = [arc for t, _ in steps for arc in ((rng.choice(places), t), (t, rng.choice(places)))]
        net = PetriNet(tuple(places), tuple(steps), tuple(arcs), places[0], places[-1])
        tree = as_tree(net)
        if tree is not None:
            turned += 1
            assert language(petri_net(tree), 3) == language(net, 3)
    assert turned > 5


def test_a_label_is_text_in_every_repr(tmp_path):
    model = read(tmp_path, bpmn(ENDS + '<task id="a" name="&lt;img src=x onerror=alert(1)&gt;"/>'
                                + flows(("s", "a"), ("a", "e"))))  # fmt: skip
    assert model.net.labels == ("<img src=x onerror=alert(1)>",)
    assert "<img" not in model._repr_html_()
