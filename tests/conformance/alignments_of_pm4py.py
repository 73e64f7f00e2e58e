"""What pm4py's own search finds, for comparison."""


def pm4pys(net, sequences, weights):
    """Cost and fitness of each sequence, and of the log, by pm4py."""
    from pm4py.algo.conformance.alignments.petri_net import algorithm
    from pm4py.algo.evaluation.replay_fitness.variants import alignment_based
    from pm4py.objects.log.obj import Event, Trace
    from pm4py.objects.petri_net.obj import Marking
    from pm4py.objects.petri_net.obj import PetriNet as Net
    from pm4py.objects.petri_net.utils.petri_utils import add_arc_from_to

    theirs = Net("net")
    nodes = {p: Net.Place(p) for p in net.places} | {t: Net.Transition(t, label) for t, label in net.transitions}
    theirs.places.update(nodes[p] for p in net.places)
    theirs.transitions.update(nodes[t] for t, _ in net.transitions)
    for a, b in net.arcs:
        add_arc_from_to(nodes[a], nodes[b], theirs)
    first, last = Marking({nodes[net.source]: 1}), Marking({nodes[net.sink]: 1})
    found = []
    for s in sequences:
        trace = Trace([Event({"concept:name": x}) for x in s])
        found.append(algorithm.apply(trace, theirs, first, last))
    log = [f for f, n in zip(found, weights, strict=True) for _ in range(n)]
    return [f["cost"] for f in found], [f["fitness"] for f in found], alignment_based.evaluate(log)
