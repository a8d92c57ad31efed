"""The coordinators' pages. They hold no rules and no queries of their own: each shows what a service below answers."""
