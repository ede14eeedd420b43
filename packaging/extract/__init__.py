"""Model data out of the pinned wheels: readers, assembly of the body, and the mannequin's fields."""
