"""What the service center watches over: what should be in the hall, ratings, complaints."""
