"""What is worth asking a person: query scores and the queue."""
