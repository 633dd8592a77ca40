"""Links for customers whom the system chose and no mail reaches: HR hands them over, by WeChat for instance."""
