def cheapest_edges(weights, most):
    return {edge for edge, weight in weights.items() if weight > most}


"""
Input: a dict of weights by edge, an edge being a pair of names; a weight
Output: the set of the edges that weigh at most that much
"""
