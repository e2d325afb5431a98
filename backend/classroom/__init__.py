"""Class sessions: a teacher's hour with a class, its seats, activities, answers and live summary."""
