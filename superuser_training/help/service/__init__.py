"""Help calls: asked by participants, shown to coordinators, answered by them."""
