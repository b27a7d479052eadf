def cheapest_edges(weights, most):
    return {edge for edge, weight in weights.items() if weight <= most}


