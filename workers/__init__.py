"""The data plane: takes a job from the queue and sends a report back; knows no database and no LMS."""
